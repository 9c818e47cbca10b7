// The plainest broadcast with `ws`: node ws.mjs PORT
import { WebSocketServer } from "ws";

const server = new WebSocketServer({ port: Number(process.argv[2]), host: "127.0.0.1", perMessageDeflate: false, backlog: 4096 });
server.on("connection", (socket) => {
  socket.on("message", (message) => {
    const text = message.toString();
    for (const client of server.clients) client.send(text);
  });
});
