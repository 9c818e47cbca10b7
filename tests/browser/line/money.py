"""The same money in three places: the CSV, the finance page, the payment sandbox's own page."""

import csv
import io
import re
from decimal import Decimal
from pathlib import Path

from playwright.sync_api import Page, expect

BOM = "\ufeff".encode()


def download_csv(page: Page) -> list[dict[str, str]]:
    """Follow the finance page's link; the rows of the file that arrives. It begins with a byte order mark, for spreadsheets."""
    with page.expect_download() as arriving:
        page.get_by_role("link", name="Orders as CSV").click()
    content = Path(arriving.value.path()).read_bytes()
    assert content.startswith(BOM)
    assert content.endswith(b"\r\n")
    return list(csv.DictReader(io.StringIO(content.removeprefix(BOM).decode(), newline="")))


def sum_of(rows: list[dict[str, str]], column: str) -> Decimal:
    return sum((Decimal(row[column]) for row in rows if row[column]), Decimal())


def amount_in(text: str) -> Decimal:
    """The number of a text like `$1,089.00`."""
    found = re.search(r"-?\d[\d,]*\.\d\d", text)
    assert found is not None, text
    return Decimal(found.group().replace(",", ""))


def legs_of(page: Page) -> list[Decimal]:
    """Orders, ledger and Stripe on the finance page, once they were compared; both comparisons tie."""
    expect(page.locator(".leg-link.is-tied")).to_have_count(2, timeout=25_000)
    return [amount_in(leg) for leg in page.locator(".leg b").all_inner_texts()]


def sandbox_balance(page: Page, url: str, shop: str) -> Decimal:
    """What the sandbox's own page says that this shop's account holds."""
    page.goto(url)
    page.get_by_role("link", name=shop).first.click()
    return amount_in(page.locator("[data-balance$='-total'] dd").first.inner_text())
