"use strict";
// The form: fields for what GET /model says that an example consists of, and the example that they hold, as JSON.

const byId = (id) => document.getElementById(id);
const CHOICES = 60; // categories up to which a column is a choice; above, what is known is suggested
const chosen = {}; // files by the name of their field

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// A name that may break where people would break it.
function breakable(name) {
  const pieces = String(name).split(/(?<=[_\/.-])/);
  return element("span", {}, ...pieces.flatMap((piece, i) => (i ? [document.createElement("wbr"), piece] : [piece])));
}

function field(label, input, id, hint = "") {
  input.id = id;
  const shown = element("label", { for: id }, breakable(label));
  if (hint) shown.append(" ", element("span", { class: "hint" }, hint));
  return element("div", { class: "field" }, shown, input);
}

// Pictures and recordings

function fileField(kind, label, name, seconds) {
  const id = "file-" + name;
  const input = element("input", { type: "file", id, accept: kind === "image" ? "image/*" : "audio/*" });
  const shown = element("div", { class: "shown" });
  const drop = element("div", { class: "drop" }, element("label", { for: id }, label), input);
  const take = (file) => {
    chosen[name] = file;
    const list = new DataTransfer();
    list.items.add(file);
    input.files = list.files; // the browser shows its name, however it came
    shown.replaceChildren(preview(kind, file));
    drop.dispatchEvent(new Event("input", { bubbles: true }));
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
  if (kind === "sound" && navigator.mediaDevices && window.MediaRecorder) drop.append(recorder(take, seconds));
  drop.append(shown);
  return element("div", { class: "field" }, drop);
}

function preview(kind, file) {
  const seen = kind === "image" ? element("img", { alt: "What was chosen" }) : element("audio", { controls: "", "aria-label": "What was chosen" });
  const wrapped = element("div", {}, seen);
  seen.addEventListener("error", () => wrapped.replaceChildren(element("span", { class: "soft" }, "This browser cannot show it; the server may still read it.")));
  seen.src = URL.createObjectURL(file);
  return wrapped;
}

function recorder(take, longest) {
  const button = element("button", { type: "button", id: "record" }, "Record");
  let running = null;
  button.addEventListener("click", async () => {
    if (running) return running.stop();
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      const pieces = [];
      const began = Date.now();
      running = new MediaRecorder(stream);
      const clock = setInterval(() => {
        const seconds = Math.floor((Date.now() - began) / 1000);
        button.textContent = "Stop (" + seconds + " s)";
        if (seconds >= longest && running) running.stop();
      }, 250);
      running.addEventListener("dataavailable", (event) => pieces.push(event.data));
      running.addEventListener("stop", async () => {
        clearInterval(clock);
        stream.getTracks().forEach((track) => track.stop());
        running = null;
        button.textContent = "Record again";
        try {
          take(await waveOf(new Blob(pieces)));
        } catch {
          refuse("Nothing was recorded. Try again, a little longer.");
        }
      });
      running.start();
      button.textContent = "Stop";
    } catch {
      refuse("The microphone cannot be used here. Allow it in the browser, or choose a file.");
    }
  });
  return button;
}

// Plain columns

function cellField(column) {
  const id = "cell-" + column.name;
  const hint = rangeOf(column);
  if (column.kind === "boolean") return field(column.name, choice([["true", "yes"], ["false", "no"]]), id);
  const known = column.levels || [];
  if (known.length && known.length <= CHOICES) {
    return field(column.name, choice([...known.map((level) => [level, level]), ["something else", "something else"]]), id);
  }
  const types = { number: { type: "number", step: "any", inputmode: "decimal" }, date: { type: "date" } };
  const made = field(column.name, element("input", types[column.kind] || { type: "text" }), id, hint);
  if (known.length) {
    made.querySelector("input").setAttribute("list", "known-" + column.name.replace(/\s/g, "_"));
    made.append(element("datalist", { id: "known-" + column.name.replace(/\s/g, "_") }, ...known.map((value) => element("option", { value }))));
  }
  return made;
}

function choice(pairs) {
  const options = [["", "unknown"], ...pairs].map(([value, text]) => element("option", { value }, text));
  return element("select", {}, ...options);
}

function rangeOf(column) {
  if (typeof column.low !== "number") return "";
  const written = (value) => (column.kind === "date" ? new Date(1000 * value).toISOString().slice(0, 10) : String(Number(value.toPrecision(3))));
  return column.low === column.high ? "mostly " + written(column.low) : "mostly " + written(column.low) + " to " + written(column.high);
}

function build(model) {
  const made = [];
  for (const part of model.parts) {
    const name = part.columns.join("+") || part.modality;
    if (part.modality === "text") {
      const names = part.columns.length ? part.columns : ["Text"];
      names.forEach((each, i) => made.push(field(each, element("textarea", {}), "text-" + name + "-" + i)));
    } else {
      const label = part.modality === "image" ? "Drop a picture, paste one, or choose a file" : "Drop a recording, choose a file, or record";
      made.push(fileField(part.modality, label, name, model.limits.seconds));
    }
  }
  if (model.columns.length) {
    made.push(element("p", { class: "soft" }, "What is left empty counts as unknown."));
    made.push(element("div", { class: "cells" }, ...model.columns.map(cellField)));
  }
  byId("fields").replaceChildren(...made);
}

// The example

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
  const file = chosen[name];
  if (!file) throw new Error(part.modality === "image" ? "Choose a picture first." : "Choose or record something first.");
  return [{ data: await base64(file) }];
}

function cellValue(column) {
  const value = byId("cell-" + column.name).value;
  if (value === "") return null;
  if (column.kind === "number") return Number(value);
  return column.kind === "boolean" ? value === "true" : value;
}

async function example({ parts, columns }) {
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
