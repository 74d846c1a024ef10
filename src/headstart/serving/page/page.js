"use strict";
// The form is made from what GET /model says. Whatever comes from the server or the user is set as text, never as markup.

const byId = (id) => document.getElementById(id);
const state = { model: null, asked: null, requestId: null, files: {} };

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

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

// Fields

function field(label, input, id) {
  input.id = id;
  return element("div", { class: "field" }, element("label", { for: id }, label), input);
}

function fileField(kind, label, name) {
  const id = "file-" + name;
  const input = element("input", { type: "file", id, accept: kind === "image" ? "image/*" : "audio/*" });
  const shown = element("div", { class: "shown" });
  const drop = element("div", { class: "drop" }, element("label", { for: id }, label), input, shown);
  const take = (file) => {
    state.files[name] = file;
    const seen = element(kind === "image" ? "img" : "audio", kind === "image" ? { alt: "What was chosen" } : { controls: "" });
    seen.src = URL.createObjectURL(file);
    shown.replaceChildren(seen);
  };
  input.addEventListener("change", () => input.files.length && take(input.files[0]));
  drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    if (event.dataTransfer.files.length) take(event.dataTransfer.files[0]);
  });
  document.addEventListener("paste", (event) => event.clipboardData.files.length && take(event.clipboardData.files[0]));
  if (kind === "sound" && navigator.mediaDevices && window.MediaRecorder) drop.append(recorder(take));
  return element("div", { class: "field" }, drop);
}

function recorder(take) {
  const button = element("button", { type: "button" }, "Record");
  let running = null;
  button.addEventListener("click", async () => {
    if (running) return running.stop();
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      const pieces = [];
      running = new MediaRecorder(stream);
      running.addEventListener("dataavailable", (event) => pieces.push(event.data));
      running.addEventListener("stop", async () => {
        stream.getTracks().forEach((track) => track.stop());
        running = null;
        button.textContent = "Record again";
        take(await waveOf(new Blob(pieces)));
      });
      running.start();
      button.textContent = "Stop";
    } catch {
      refuse("The microphone cannot be used here.");
    }
  });
  return button;
}

function cellField(column) {
  const id = "cell-" + column.name;
  if (column.kind === "boolean") {
    const choices = [["", "unknown"], ["true", "yes"], ["false", "no"]];
    const options = choices.map(([value, text]) => element("option", { value }, text));
    return field(column.name, element("select", {}, ...options), id);
  }
  const types = { number: { type: "number", step: "any" }, date: { type: "date" } };
  return field(column.name, element("input", types[column.kind] || { type: "text" }), id);
}

function build(model) {
  const made = [];
  for (const part of model.parts) {
    const name = part.columns.join("+") || part.modality;
    if (part.modality === "text") {
      const names = part.columns.length ? part.columns : ["Text"];
      names.forEach((each, i) => made.push(field(each, element("textarea", {}), "text-" + name + "-" + i)));
    } else {
      made.push(fileField(part.modality, part.modality === "image" ? "Drop a picture, paste one, or choose a file" : "Drop a recording or choose a file", name));
    }
  }
  model.columns.forEach((column) => made.push(cellField(column)));
  byId("fields").replaceChildren(...made);
}

// Asking

async function base64(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
  return btoa(text);
}

async function partValue(part) {
  const name = part.columns.join("+") || part.modality;
  if (part.modality === "text") {
    const count = Math.max(part.columns.length, 1);
    return Array.from({ length: count }, (_, i) => byId("text-" + name + "-" + i).value);
  }
  const file = state.files[name];
  if (!file) throw new Error(part.modality === "image" ? "Choose a picture first." : "Choose or record something first.");
  return [{ data: await base64(file) }];
}

function cellValue(column) {
  const value = byId("cell-" + column.name).value;
  if (value === "") return null;
  if (column.kind === "number") return Number(value);
  return column.kind === "boolean" ? value === "true" : value;
}

async function example() {
  const { parts, columns } = state.model;
  if (parts.length === 1 && !columns.length) {
    const values = await partValue(parts[0]);
    return values.length === 1 ? values[0] : values;
  }
  const row = {};
  for (const part of parts) {
    const values = await partValue(part);
    part.columns.forEach((name, i) => { row[name] = values[i]; });
  }
  for (const column of columns) row[column.name] = cellValue(column);
  return row;
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
    state.asked = JSON.stringify({ inputs: [await example()] });
    const headers = { "Content-Type": "application/json" };
    const { response, document } = await call("predict", { method: "POST", headers, body: state.asked });
    state.requestId = response.headers.get("x-request-id");
    if (document.error) return refuse(document.error.message);
    const row = document.predictions[0];
    if (row.error) return refuse("This input cannot be used: " + row.error + ".");
    show(row);
  } catch (error) {
    refuse(error instanceof TypeError ? "The server cannot be reached." : error.message);
  } finally {
    byId("send").disabled = false;
  }
}

// The answer

function percent(share) {
  if (share > 0 && share < 0.01) return "< 1 %";
  return (share > 0.99 && share < 1 ? "> 99" : Math.round(100 * share)) + " %";
}

function notesOf(row) {
  const found = [];
  if (row.out_of_domain) found.push(["unclear", "This input is unlike those that the model learned from: do not rely on the answer."]);
  if (row.abstain) found.push(["unclear", "The model would rather not say: answers as unsure as this one are wrong more often than was wanted."]);
  if (typeof row.set === "string" && row.set.includes("|")) found.push(["", "It may be any of: " + row.set.split("|").join(", ") + "."]);
  if (row.low !== undefined && row.low !== null) found.push(["", "Probably between " + row.low.toPrecision(4) + " and " + row.high.toPrecision(4) + "."]);
  return found;
}

function show(row) {
  byId("waiting").hidden = true;
  byId("said").hidden = false;
  const said = typeof row.prediction === "number" ? row.prediction.toPrecision(5) : row.prediction || "none of them";
  byId("prediction").textContent = said;
  byId("probability").textContent = row.probability === undefined || row.probability === null ? "" : percent(row.probability) + " sure";
  byId("notes").replaceChildren(...notesOf(row).map(([kind, text]) => element("li", kind ? { class: kind } : {}, text)));
  const classes = state.model.class_names
    .map((name) => [name, row["probability_" + name]])
    .filter(([, share]) => typeof share === "number")
    .sort((one, other) => other[1] - one[1])
    .slice(0, 5);
  byId("classes").hidden = !classes.length;
  byId("classes").tBodies[0].replaceChildren(...classes.map(([name, share]) => {
    const meter = element("meter", { min: 0, max: 1, value: share, "aria-label": name });
    return element("tr", {}, element("th", { scope: "row" }, name), element("td", {}, meter), element("td", { class: "figure" }, percent(share)));
  }));
  byId("explained").hidden = true;
  byId("why").hidden = !state.model.explains;
  byId("feedback").hidden = !state.model.feedback;
  byId("thanks").textContent = "";
}

async function explain() {
  byId("explain").disabled = true;
  const place = byId("explained");
  place.hidden = false;
  place.replaceChildren("Taking parts away and asking again ...");
  try {
    const { document } = await call("explain", { method: "POST", headers: { "Content-Type": "application/json" }, body: state.asked });
    place.replaceChildren(...(document.error ? [document.error.message] : explanation(document)));
  } catch {
    place.replaceChildren("The server cannot be reached.");
  } finally {
    byId("explain").disabled = false;
  }
}

function explanation(found) {
  const what = found.explained ? "for " + found.explained : "for a higher number";
  const legend = element("p", { class: "soft" }, "Orange speaks " + what + ", blue against it: how much the answer changes when a " + found.unit + " is taken away.");
  if (found.overlay) {
    const picture = element("img", { alt: "The input with the parts coloured that the answer rests on" });
    picture.src = found.overlay;
    return [picture, legend];
  }
  const values = found.values.flat();
  const most = Math.max(...values.map(Math.abs), 1e-12);
  const coloured = (text, value) => {
    const made = element("mark", { class: value > 0 ? "for" : "against", title: value.toPrecision(2) }, text);
    made.style.setProperty("--share", (0.75 * Math.abs(value)) / most);
    return made;
  };
  if (found.pieces) {
    const pieces = found.pieces.map(([text, word]) => (word === null ? text : coloured(text, values[word])));
    return [element("p", { class: "text" }, ...pieces), legend];
  }
  const rows = found.names.map((name, i) => [name, values[i]]).sort((one, other) => Math.abs(other[1]) - Math.abs(one[1]));
  const lines = rows.map(([name, value]) => element("tr", {}, element("th", { scope: "row" }, coloured(name, value)), element("td", { class: "figure" }, value.toPrecision(2))));
  return [element("table", {}, element("tbody", {}, ...lines)), legend];
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

async function start() {
  const { document: model } = await call("model");
  state.model = model;
  const names = model.class_names;
  byId("name").textContent = model.name;
  byId("about").textContent = names.length ? "Tells apart " + names.length + ": " + names.slice(0, 12).join(", ") + (names.length > 12 ? " and " + (names.length - 12) + " more." : ".") : "Predicts a number.";
  document.title = model.name + " - Headstart";
  build(model);
  byId("labels").hidden = !names.length;
  byId("label").replaceChildren(element("option", { value: "" }, "choose"), ...names.map((name) => element("option", { value: name }, name)));
  byId("ask").addEventListener("submit", ask);
  byId("explain").addEventListener("click", explain);
  byId("right").addEventListener("click", () => remark({ verdict: "right" }));
  byId("wrong").addEventListener("click", () => remark({ verdict: "wrong" }));
  byId("feedback").addEventListener("submit", (event) => { event.preventDefault(); if (byId("label").value) remark({ label: byId("label").value }); });
}

start().catch(() => refuse("The server cannot be reached."));
