// The plainest broadcast with Socket.IO; a connection shows a signed ticket, as ours does: node socketio.mjs PORT KEY
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { Server } from "socket.io";

const [, , port, key] = process.argv;
const http = createServer();
const io = new Server(http, { transports: ["websocket"], perMessageDeflate: false, httpCompression: false, serveClient: false });

io.use((socket, next) => {
  const [body = "", signature = ""] = String(socket.handshake.query.ticket ?? "").split(".");
  const expected = createHmac("sha256", key).update(body).digest();
  const given = Buffer.from(signature, "hex");
  next(given.length === expected.length && timingSafeEqual(given, expected) ? undefined : new Error("ticket"));
});
io.on("connection", (socket) => {
  void socket.join("room");
  socket.on("say", (message) => io.to("room").emit("say", message));
});
http.listen({ port: Number(port), host: "127.0.0.1", backlog: 4096 });
