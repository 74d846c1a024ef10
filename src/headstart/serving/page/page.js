"use strict";
// What people do on the page. Whatever comes from the server or the user is set as text, never as markup.

const state = { model: null, asked: null, requestId: null };

async function call(path, options = {}) {
  const key = sessionStorage.getItem("key");
  const headers = { ...(options.headers || {}), ...(key ? { Authorization: "Bearer " + key } : {}) };
  const response = await fetch(path, { ...options, headers });
  if (response.status === 401) {
    const given = prompt("This server asks for a key.");
    if (given) {
      sessionStorage.setItem("key", given);
      return call(path, options);
    }
  }
  const document = await response.json();
  return { response, document };
}

function refuse(text) {
  byId("refused").textContent = text;
  byId("refused").hidden = !text;
}

async function ask(event) {
  event.preventDefault();
  refuse("");
  byId("send").disabled = true;
  try {
    state.asked = JSON.stringify({ inputs: [await example(state.model)] });
    const headers = { "Content-Type": "application/json" };
    const { response, document } = await call("predict", { method: "POST", headers, body: state.asked });
    state.requestId = response.headers.get("x-request-id");
    if (document.error) return refuse(document.error.message);
    const row = document.predictions[0];
    if (row.error) return refuse("This input cannot be used: " + row.error + ".");
    show(row, state.model);
    if (byId("answer").getBoundingClientRect().top > window.innerHeight / 2) byId("answer").scrollIntoView();
  } catch (error) {
    refuse(error instanceof TypeError ? "The server cannot be reached." : error.message);
  } finally {
    byId("send").disabled = false;
  }
}

// An answer beside another input than its own would mislead.
function forget() {
  if (byId("said").hidden) return;
  byId("said").hidden = true;
  byId("waiting").textContent = "The input has changed: press Predict.";
  byId("waiting").hidden = false;
}

async function explain() {
  byId("explain").disabled = true;
  const place = byId("explained");
  place.hidden = false;
  place.replaceChildren("Asking what the answer rests on ...");
  try {
    const { document } = await call("explain", { method: "POST", headers: { "Content-Type": "application/json" }, body: state.asked });
    place.replaceChildren(...(document.error ? [document.error.message] : explanation(document, state.model)));
  } catch {
    place.replaceChildren("The server cannot be reached.");
  } finally {
    byId("explain").disabled = false;
  }
}

async function remark(given) {
  const body = JSON.stringify({ request_id: state.requestId, example: "0", ...given });
  try {
    const { document } = await call("feedback", { method: "POST", headers: { "Content-Type": "application/json" }, body });
    byId("thanks").textContent = document.kept ? "Kept. Thank you." : document.error.message;
  } catch {
    byId("thanks").textContent = "The server cannot be reached.";
  }
}

function about(names) {
  if (!names.length) return "Predicts a number.";
  let shown = names.length;
  while (shown > 1 && names.slice(0, shown).join(", ").length > 150) shown -= 1;
  const left = names.length - shown;
  return "Tells apart " + names.length + ": " + names.slice(0, shown).join(", ") + (left ? " and " + left + " more." : ".");
}

async function start() {
  const { document: model } = await call("model");
  state.model = model;
  const names = model.class_names;
  byId("name").textContent = model.name;
  byId("about").textContent = about(names);
  document.title = model.name + " - Headstart";
  build(model);
  byId("labels").hidden = !names.length;
  byId("label").replaceChildren(element("option", { value: "" }, "choose"), ...names.map((name) => element("option", { value: name }, name)));
  byId("ask").addEventListener("submit", ask);
  byId("ask").addEventListener("input", forget);
  byId("explain").addEventListener("click", explain);
  byId("right").addEventListener("click", () => remark({ verdict: "right" }));
  byId("wrong").addEventListener("click", () => remark({ verdict: "wrong" }));
  byId("feedback").addEventListener("submit", (event) => { event.preventDefault(); if (byId("label").value) remark({ label: byId("label").value }); });
}

start().catch(() => refuse("The server cannot be reached."));
