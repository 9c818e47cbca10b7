"""What `make run` prints: where to go and how to sign in."""

from pathlib import Path

from django.conf import settings

from config.demo.people import OPERATOR, STAFF, email_of
from config.demo.rooms import MAIN, OPENING, find_room
from merchants.tenants.queries import get_merchant


def write_welcome(folder: Path) -> None:
    """Needs: the first shop's schema."""
    shop = get_merchant("aurora")
    room = find_room(MAIN) or find_room(OPENING)
    slug = room.slug if room else OPENING
    platform = shop.origin.replace(f"//{shop.host}", f"//{settings.ALLOWED_DOMAIN}")
    lines = [
        f"  shop          {shop.origin}/",
        f"  room          {shop.origin}/rooms/{slug}/",
        f"  host console  {shop.origin}/console/{slug}/",
        f"  office        {shop.origin}/admin/",
        f"  finance       {shop.origin}/finance/",
        f"  second shop   {shop.origin.replace('//aurora.', '//borealis.')}/",
        f"  platform      {platform}/ (sign up), {platform}/admin/ (operators)",
        f"  test payments {settings.STRIPE_API_BASE}/",
        f"  sign in as    {', '.join(email_of(role, 'aurora') for role in ('owner', *STAFF))}",
        f"                {OPERATOR} (platform); password for all: {settings.DEMO_PASSWORD}",
    ]
    partial = folder / "welcome.part"
    partial.write_text("\n".join(lines))
    partial.rename(folder / "welcome.txt")
