"""Logs and metrics. Only references and outcomes are ever logged, never bodies or people."""

from aws_lambda_powertools import Logger

logger = Logger(service="ishyura", level="INFO")
