/** Connects the page to its process: draws what the process sends, and sends what the user does. */
import { dueOf } from "./due.js";
import { List } from "./list.js";

const connection = document.querySelector("#connection");
const error = document.querySelector("#error");
const add = document.querySelector("#add");
const list = new List(send);

const RETRY_MIN_MS = 250;
const RETRY_MAX_MS = 4000;

/** Receives every change while the page is open; when the node goes away, retries until it is back. */
function connect(retryMs = RETRY_MIN_MS) {
  const socket = new WebSocket(new URL("ws", location.href.replace("http", "ws")));
  socket.onmessage = ({ data }) => {
    retryMs = RETRY_MIN_MS;
    showConnection("live", "Live");
    list.apply(JSON.parse(data));
  };
  socket.onclose = () => {
    showConnection("lost", "Reconnecting");
    setTimeout(connect, retryMs * (0.5 + Math.random() / 2), Math.min(retryMs * 2, RETRY_MAX_MS));
  };
}

function showConnection(state, text) {
  if (connection.dataset.state === state) return;
  connection.dataset.state = state;
  connection.textContent = text;
}

/**
 * Sends a command such as `("Remove", 5)`. Resolves to whether the process accepted it; if not, the page
 * says why.
 */
async function send(tag, args) {
  try {
    const reply = await fetch("api", { method: "POST", body: JSON.stringify({ [tag]: args }) });
    showError(reply.ok ? "" : (await reply.json()).error.message);
    return reply.ok;
  } catch {
    showError("Cannot reach the node. Nothing is lost: try again when this page is live.");
    return false;
  }
}

function showError(message) {
  error.firstElementChild.textContent = message;
  error.hidden = message === "";
}

error.querySelector("button").addEventListener("click", () => showError(""));

add.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { title, due } = add.elements;
  if (await send("Add", [title.value, dueOf(due.value)])) add.reset();
  title.focus();
});

addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target.matches("input:not([type=checkbox])")) return;
  event.preventDefault();
  add.elements.title.focus();
});

connect();
