/** What the viewer bought in this shop, each with its receipt. */
import { Icon, type IconName } from "@merchants/design/icons";
import { useEffect } from "preact/hooks";
import { useRoom } from "../context";
import { articlesOf, type OwnOrder } from "../orders";

const ICONS: Readonly<Partial<Record<OwnOrder["state"], IconName>>> = { paid: "check", refunded: "undo", expired: "close", cancelled: "close" };

export function OrderList() {
  const { room } = useRoom();
  const { list, error } = room.orders;
  useEffect(() => {
    void room.orders.load();
  }, []);
  if (list.value === null) return error.value ? <Failed /> : <Bones />;
  if (list.value.length === 0) return <Empty />;
  return <ul class="order-list">{list.value.map((order) => <OrderRow key={order.id} order={order} />)}</ul>;
}

function OrderRow({ order }: { order: OwnOrder }) {
  const { room } = useRoom();
  return (
    <li class="order-row">
      <Icon name={ICONS[order.state] ?? "clock"} />
      <span class="order-text">
        <span class="t-15 clip-2">{articlesOf(order)}</span>
        <span class="t-13 t-quiet">{room.t(`order_${order.state}`)} · {order.total.text}</span>
        <span class="t-12 t-quiet">{order.number}</span>
      </span>
      <a class="button is-line" href={order.receipt_url} target="_blank" rel="noopener">{room.t("receipt")}</a>
    </li>
  );
}

function Bones() {
  return <div class="order-list" aria-busy="true"><span class="bones order-bones" /><span class="bones order-bones" /></div>;
}

function Empty() {
  const { room } = useRoom();
  return (
    <div class="state">
      <span class="state-icon"><Icon name="receipt" size={26} /></span>
      <p class="t-17">{room.t("orders_empty")}</p>
      <p class="state-text">{room.t("orders_empty_text")}</p>
    </div>
  );
}

function Failed() {
  const { room } = useRoom();
  return (
    <div class="state">
      <span class="state-icon"><Icon name="alert" size={26} /></span>
      <p class="t-17" role="alert">{room.t("orders_failed")}</p>
      <p class="state-text">{room.orders.error.value}</p>
      <p class="state-actions"><button type="button" class="button is-line" onClick={() => void room.orders.load()}>{room.t("try_again")}</button></p>
    </div>
  );
}
