"""People. In a shop's schema: staff and shoppers of that shop; in the public schema: the platform's operators."""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from merchants.accounts.permissions import can
from merchants.accounts.roles import Role
from merchants.foundation.ids import new_id
from merchants.foundation.tenancy import current_schema


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A person with a sign-in. `role` is empty for shoppers; in the public schema `is_operator` opens the platform's console."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=80, blank=True)
    role = models.CharField(_("role"), max_length=12, choices=Role.choices, blank=True)
    is_operator = models.BooleanField(_("operator of the platform"), default=False)
    is_active = models.BooleanField(_("active"), default=True)  # type: ignore[misc]  # the base declares it as a class attribute
    language = models.CharField(_("language"), max_length=10, blank=True)
    date_joined = models.DateTimeField(_("joined"), auto_now_add=True)

    objects = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []  # type: ignore[misc]  # the base declares it as a class attribute

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [models.CheckConstraint(condition=models.Q(role__in=["", *Role.values]), name="user_role_known")]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_staff(self) -> bool:
        """May open the admin of the host they are on."""
        return self.is_operator if current_schema() == "public" else can(self, "office.open")

    @property
    def is_superuser(self) -> bool:
        return self.is_operator and current_schema() == "public"

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Django's own permission names are not used: the office's admin classes ask the permission table."""
        return self.is_superuser

    def has_perms(self, perm_list: list[str], obj: Any = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff

    def get_full_name(self) -> str:
        return str(self)


class KeptMail(models.Model):
    """A mail that was kept instead of sent (no mail server is set)."""

    id = models.UUIDField(primary_key=True, default=new_id)
    sent_at = models.DateTimeField(_("sent"), db_index=True)
    sender = models.CharField(_("from"), max_length=254)
    recipient = models.CharField(_("to"), max_length=1000)
    subject = models.CharField(_("subject"), max_length=300)
    body = models.TextField(_("text"))
    html = models.TextField(blank=True)

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mail")
        ordering = ["-sent_at"]

    def __str__(self) -> str:
        return self.subject
