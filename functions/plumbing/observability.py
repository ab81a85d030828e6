"""Logs and metrics. Only references and outcomes are ever logged, never bodies or people."""

import logging

from aws_lambda_powertools import Logger

logger = Logger(service="ishyura", level="INFO")

# httpx tells every request's address at INFO, which Lambda's own handler writes out; the tokens
# of callbacks stand in addresses.
logging.getLogger("httpx").setLevel(logging.WARNING)
