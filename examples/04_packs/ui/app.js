/** Connects the page to its process: draws what the process sends, and uploads what is dropped here. */
import { describeBytes, describeSimilarity } from "./format.js";
import { List } from "./list.js";
import { Transfers } from "./transfers.js";

const connection = document.querySelector("#connection");
const choose = document.querySelector("#choose");
const list = new List(remove);
const transfers = new Transfers(sayStored);

const RETRY_MIN_MS = 250;
const RETRY_MAX_MS = 4000;

/** Receives every change while the page is open; when the node goes away, retries until it is back. */
function connect(retryMs = RETRY_MIN_MS) {
  const socket = new WebSocket(new URL("ws", location.href.replace("http", "ws")));
  socket.onmessage = ({ data }) => {
    retryMs = RETRY_MIN_MS;
    showConnection("live", "Live");
    const update = JSON.parse(data);
    if ("fileBytesMax" in update) takeFiles(update.fileBytesMax);
    list.apply(update);
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

function takeFiles(fileBytesMax) {
  transfers.fileBytesMax = fileBytesMax;
  document.querySelector("#limit").textContent = `Up to ${describeBytes(fileBytesMax)} each`;
  choose.disabled = false;
}

function say(text) {
  document.querySelector("#said").textContent = text;
}

function sayStored(name, upload, isNew) {
  const [nearest] = list.nearTo(upload);
  if (!isNew) {
    say(
      upload.names[0] === name
        ? `${name} is here already.`
        : `${name} is here already, as ${upload.names[0]}.`,
    );
  } else if (nearest) {
    say(
      `${name} is stored. It is ${describeSimilarity(nearest.similarity)} like ${nearest.upload.names[0]}.`,
    );
  } else say(`${name} is stored.`);
}

/** @param {import("../uploads.ts").Upload} upload */
async function remove({ hash, names: [name] }) {
  try {
    const reply = await fetch(`files/${hash}`, { method: "DELETE" });
    if (!reply.ok) return transfers.fail(name, (await reply.json()).error.message);
    say(`${name} is deleted.`);
  } catch {
    transfers.fail(name, "Cannot delete it: the node is away.");
  }
}

function hasFiles({ dataTransfer }) {
  return !choose.disabled && dataTransfer.types.includes("Files");
}

choose.addEventListener("change", () => {
  for (const file of choose.files) transfers.send(file);
  choose.value = ""; // So that the same file can be chosen again.
});

addEventListener("dragover", (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  document.body.dataset.dragging = "";
});

addEventListener("dragleave", ({ relatedTarget }) => {
  if (relatedTarget === null) delete document.body.dataset.dragging;
});

addEventListener("drop", (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  delete document.body.dataset.dragging;
  for (const item of [...event.dataTransfer.items].filter(({ kind }) => kind === "file")) {
    const file = item.getAsFile();
    if (item.webkitGetAsEntry()?.isDirectory) {
      transfers.fail(file.name, "It is a folder: drop the files in it.");
    } else transfers.send(file);
  }
});

connect();
