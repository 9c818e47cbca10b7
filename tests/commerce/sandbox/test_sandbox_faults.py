"""Lost answers, kills, refused starts: what was committed stays, what was not is absent, and money moves once."""

import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import stripe

from tests.commerce.sandbox.running import REPOSITORY, Merchant, Sandbox, free_port, new_merchant, wait_until

PAY: Any = {"amount": 500, "currency": "usd", "confirm": True, "payment_method": "pm_card_visa"}


def arm(merchant: Merchant, mode: str, **more: Any) -> None:
    """Arm one fault for the next payment."""
    merchant.sandbox.control("fail-next", {"mode": mode, "path": "/v1/payment_intents", **more})


def charges(merchant: Merchant) -> int:
    """How many charges the account has."""
    return len(merchant.client.v1.charges.list({}, merchant.on).data)


@pytest.fixture
def broken(own_sandbox: Sandbox) -> Merchant:
    """A merchant on a sandbox whose faults belong to this test."""
    return new_merchant(own_sandbox)


def test_a_500_before_the_work_does_nothing_and_may_be_repeated(broken: Merchant) -> None:
    """The key is not used up."""
    options: Any = {**broken.on, "idempotency_key": "one"}
    arm(broken, "error_500")
    with pytest.raises(stripe.APIError):
        broken.client.v1.payment_intents.create(PAY, options)
    assert charges(broken) == 0
    assert broken.client.v1.payment_intents.create(PAY, options).status == "succeeded"


def test_a_500_after_commit_is_replayed_but_the_money_moved(broken: Merchant) -> None:
    """As at Stripe the key answers 500 for ever; the charge is there to be found; nothing is charged twice."""
    options: Any = {**broken.on, "idempotency_key": "one"}
    arm(broken, "error_500_after_commit")
    for _ in range(3):
        with pytest.raises(stripe.APIError) as caught:
            broken.client.v1.payment_intents.create(PAY, options)
        assert caught.value.http_status == 500
    assert charges(broken) == 1


def test_a_500_after_commit_may_replay_the_result(broken: Merchant) -> None:
    """With `replay: result` a repetition under the key gets the answer that was lost."""
    options: Any = {**broken.on, "idempotency_key": "one"}
    arm(broken, "error_500_after_commit", replay="result")
    with pytest.raises(stripe.APIError):
        broken.client.v1.payment_intents.create(PAY, options)
    assert broken.client.v1.payment_intents.create(PAY, options).status == "succeeded"
    assert charges(broken) == 1


@pytest.mark.parametrize("mode", ["disconnect_after_commit", "timeout_after_commit"])
def test_a_lost_answer_is_found_by_the_sdks_own_retry(broken: Merchant, mode: str) -> None:
    """The connection ends without an answer; the SDK repeats under its key and gets the same intent; one charge."""
    arm(broken, mode, hold_ms=300)
    patient = broken.sandbox.client(broken.key, max_network_retries=2)
    paid = patient.v1.payment_intents.create(PAY, broken.on)
    assert paid.status == "succeeded"
    assert paid.last_response.headers["idempotent-replayed"] == "true"
    assert charges(broken) == 1


def test_a_rate_limit_is_retried_by_the_sdk(broken: Merchant) -> None:
    """429 asks for a retry; without retries it is RateLimitError."""
    arm(broken, "rate_limit")
    with pytest.raises(stripe.RateLimitError):
        broken.client.v1.payment_intents.create(PAY, broken.on)
    arm(broken, "rate_limit")
    patient = broken.sandbox.client(broken.key, max_network_retries=1)
    assert patient.v1.payment_intents.create(PAY, broken.on).status == "succeeded"


def test_faults_are_counted_listed_and_cleared(broken: Merchant) -> None:
    """A fault hits as often as it was armed for, only where its path begins; clearing disarms."""
    arm(broken, "error_500", count=2)
    assert broken.client.v1.balance.retrieve().object == "balance"
    assert broken.sandbox.control("fail-next", method="GET")["armed"][0]["left"] == 2
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            broken.client.v1.payment_intents.create(PAY, broken.on)
    assert broken.client.v1.payment_intents.create(PAY, broken.on).status == "succeeded"
    arm(broken, "error_500")
    broken.sandbox.control("fail-next", method="DELETE")
    assert broken.client.v1.payment_intents.create(PAY, broken.on).status == "succeeded"
    with pytest.raises(AssertionError, match="mode"):
        arm(broken, "explode")


def test_kill_9_in_the_middle_keeps_every_acknowledged_payment(own_sandbox: Sandbox) -> None:
    """Eight buyers pay while the process is killed: acknowledged payments are all there, repeated keys charge once, sums agree."""
    merchant = new_merchant(own_sandbox)
    acknowledged: dict[str, str] = {}
    asked: list[str] = []
    is_dead = threading.Event()

    def buy(buyer: int) -> None:
        client = own_sandbox.client(merchant.key, max_network_retries=0)
        for number in range(200):
            key = f"{buyer}:{number}"
            asked.append(key)
            try:
                acknowledged[key] = client.v1.payment_intents.create(PAY, {**merchant.on, "idempotency_key": key}).id
            except stripe.APIConnectionError:
                return
            if is_dead.is_set():
                return

    threads = [threading.Thread(target=buy, args=(buyer,)) for buyer in range(8)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(acknowledged) >= 40, "forty payments are acknowledged")
    own_sandbox.end(signal.SIGKILL)
    is_dead.set()
    for thread in threads:
        thread.join()
    own_sandbox.start()
    for key in asked:
        paid = merchant.client.v1.payment_intents.create(PAY, {**merchant.on, "idempotency_key": key})
        assert paid.id == acknowledged.get(key, paid.id)
    intents = list(merchant.client.v1.payment_intents.list({"limit": 100}, merchant.on).auto_paging_iter())
    assert len(intents) == len(asked)
    assert {intent.status for intent in intents} == {"succeeded"}
    nets = [one.net for one in merchant.client.v1.balance_transactions.list({"limit": 100}, merchant.on).auto_paging_iter()]
    assert len(nets) == len(asked)
    assert merchant.client.v1.balance.retrieve({}, merchant.on).pending[0].amount == sum(nets)
    events = merchant.client.v1.events.list({"type": "payment_intent.succeeded", "limit": 100}, merchant.on).auto_paging_iter()
    assert len(list(events)) == len(asked)


def test_parallel_requests_under_one_key_charge_once(merchant: Merchant) -> None:
    """Twelve equal requests at once: one charge, twelve equal answers."""
    answers: list[str] = []

    def buy() -> None:
        client = merchant.sandbox.client(merchant.key)
        answers.append(client.v1.payment_intents.create(PAY, {**merchant.on, "idempotency_key": "same"}).id)

    threads = [threading.Thread(target=buy) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 12
    assert len(set(answers)) == 1
    assert charges(merchant) == 1


def test_parallel_refunds_never_exceed_the_charge(merchant: Merchant) -> None:
    """Ten refunds of 300 on a charge of 1,000 at once: three succeed."""
    paid = merchant.pay(1000)
    outcomes: list[bool] = []

    def refund() -> None:
        client = merchant.sandbox.client(merchant.key, max_network_retries=0)
        try:
            client.v1.refunds.create({"payment_intent": paid.id, "amount": 300}, merchant.on)
            outcomes.append(True)
        except stripe.InvalidRequestError:
            outcomes.append(False)

    threads = [threading.Thread(target=refund) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [False] * 7 + [True] * 3


def start(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command until it refuses."""
    command = [sys.executable, "-m", "commerce.sandbox", *arguments]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=20, check=False)


def test_a_start_that_cannot_be_is_explained_in_one_sentence(own_sandbox: Sandbox, tmp_path: Path) -> None:
    """State in use, port taken, foreign address, a live key, a missing secret, an impossible folder: exit 1 and one line, no traceback."""
    fresh = ["--state", str(tmp_path / "other.sqlite3")]
    port = ["--port", str(free_port())]
    hook = ["--webhook", "http://localhost:1/hook"]
    for arguments, words in (
        (["--port", str(free_port()), "--state", str(own_sandbox.state)], "already uses"),
        (["--port", str(own_sandbox.port), *fresh], "cannot be used"),
        ([*port, *fresh, "--host", "0.0.0.0"], "reachable from other machines"),  # noqa: S104 - refused
        ([*port, *fresh, "--key", "sk_live_0123456789"], "live key"),
        ([*port, *fresh, *hook], "--key"),
        ([*port, *fresh, *hook, "--key", "sk_test_x1"], "whsec_"),
        ([*port, "--state", "/dev/null/x/state"], "cannot be kept"),
    ):
        ended = start(*arguments)
        assert ended.returncode == 1
        assert words in ended.stderr
        assert len(ended.stderr.splitlines()) == 1
