"""What an operator may ask for and not get. The message is all that they are shown."""

from payments.errors import PaymentError


class Refused(PaymentError):
    """The root of what this command line refuses; nothing was changed."""


class NoDeployment(Refused):
    """No such stack on AWS, or no local stack running here."""


class UnusableInput(Refused):
    """Something typed, or read from a file, that does not have the form it should."""


class NoDeadLetters(Refused):
    """The deployment does not say where its dead letters are."""


class NoWebhookSecret(Refused):
    """The merchant has no webhook secret in the parameter store."""


class NotOpen(Refused):
    """An attempt that is none, or about which nothing is open."""
