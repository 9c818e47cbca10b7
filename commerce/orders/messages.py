"""What a buyer's own screen is told."""

from realtime.messages import Lossless


class OrderNews(Lossless, tag="order"):
    """The viewer's order moved. `receipt_url` is a path on the shop's host, for paid and refunded orders."""

    order_id: str
    order_no: str
    state: str
    total_text: str
    receipt_url: str
