"""Which messages cross the sockets, and who handles them. Read by `realtime.table`, which describes the form."""

# kind -> (Struct's dotted path, handler's dotted path)
INCOMING: dict[str, tuple[str, str]] = {
    "danmaku": ("rooms.engagement.messages.SendDanmaku", "rooms.engagement.sockets.send_danmaku"),
    "comment": ("rooms.engagement.messages.SendComment", "rooms.engagement.sockets.send_comment"),
    "likes": ("rooms.engagement.messages.SendLikes", "rooms.engagement.sockets.send_likes"),
    "name": ("rooms.engagement.messages.TakeName", "rooms.engagement.sockets.take_name"),
    "events": ("rooms.insights.events.messages.SendEvents", "rooms.insights.events.sockets.send_events"),
    "live.watch": ("rooms.live.messages.Watch", "rooms.live.sockets.watch"),
    "live.accept": ("rooms.live.messages.Accept", "rooms.live.sockets.accept"),
    "live.publish": ("rooms.live.messages.Publish", "rooms.live.sockets.publish"),
    "live.leave": ("rooms.live.messages.Leave", "rooms.live.sockets.leave"),
    "live.figures": ("rooms.live.messages.Figures", "rooms.live.sockets.note_figures"),
    "live.sending": ("rooms.live.messages.Sending", "rooms.live.sockets.note_sending"),
    "desk.drill": ("rooms.live.messages.StartDrill", "rooms.live.sockets.start_drill"),
    "desk.watch": ("rooms.live.messages.WatchDesk", "rooms.live.sockets.watch_desk"),
    "stage.ask": ("rooms.live.stage.messages.AskForStage", "rooms.live.stage.sockets.ask"),
    "stage.withdraw": ("rooms.live.stage.messages.LeaveStage", "rooms.live.stage.sockets.withdraw"),
    "stage.look": ("rooms.live.stage.messages.LookAtStage", "rooms.live.stage.sockets.look"),
    "stage.publish": ("rooms.live.stage.messages.GuestPublish", "rooms.live.stage.sockets.publish"),
    "stage.watch": ("rooms.live.stage.messages.WatchLines", "rooms.live.stage.sockets.watch"),
}
OFFICE_INCOMING: dict[str, tuple[str, str]] = {}

# `async snapshot(schema, room_id, viewer) -> Struct`: what a late joiner gets.
SNAPSHOT = "rooms.snapshot.queries.make_snapshot"

# Structs that are sent, for the TypeScript types.
OUTGOING: list[str] = [
    "rooms.snapshot.messages.Snapshot",
    "rooms.program.messages.Program",
    "rooms.program.messages.State",
    "rooms.cards.messages.Card",
    "rooms.cards.messages.CardLower",
    "rooms.cards.messages.Product",
    "rooms.cards.messages.Bag",
    "rooms.cards.messages.Cue",
    "rooms.engagement.messages.Danmaku",
    "rooms.engagement.messages.Likes",
    "rooms.engagement.messages.Comment",
    "rooms.engagement.messages.CommentDeleted",
    "rooms.engagement.messages.Pin",
    "rooms.engagement.messages.Sent",
    "rooms.live.messages.Answer",
    "rooms.live.desks.Desk",
    "rooms.live.stage.messages.Guests",
    "rooms.live.stage.messages.Standing",
    "rooms.rehearsal.messages.GhostLine",
    "rooms.rehearsal.messages.Ghosts",
    "rooms.moderation.messages.Mute",
    "rooms.moderation.messages.Rules",
    "commerce.orders.messages.OrderNews",
    "dramas.transcode.messages.EpisodeProgress",
]
