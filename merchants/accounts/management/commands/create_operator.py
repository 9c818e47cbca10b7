"""Make a person of the platform; the password is asked for, or read from standard input."""

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from merchants.accounts.actions import create_operator
from merchants.accounts.queries import has_person
from merchants.foundation.errors import DomainError
from merchants.foundation.tenancy import in_schema


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        password = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().strip()
        with in_schema("public"):
            if has_person(options["email"]):
                raise CommandError(f"{options['email']} exists already.")
            try:
                create_operator(email=options["email"], password=password)
            except DomainError as refusal:
                raise CommandError(refusal.message) from refusal
        self.stdout.write(f"{options['email']} may sign in on the platform's host.")
