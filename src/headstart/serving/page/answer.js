"use strict";
// What the server answers, shown: the prediction, what it rests on, training examples like the input.

const MOST_ROWS = 10; // of a table of columns or classes

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

function show(row, model) {
  byId("waiting").hidden = true;
  byId("said").hidden = false;
  const said = typeof row.prediction === "number" ? row.prediction.toPrecision(5) : row.prediction || "none of them";
  byId("prediction").replaceChildren(breakable(said));
  byId("probability").textContent = row.probability === undefined || row.probability === null ? "" : percent(row.probability) + " sure";
  byId("notes").replaceChildren(...notesOf(row).map(([kind, text]) => element("li", kind ? { class: kind } : {}, text)));
  const classes = model.class_names
    .map((name) => [name, row["probability_" + name]])
    .filter(([, share]) => typeof share === "number")
    .sort((one, other) => other[1] - one[1])
    .slice(0, 5);
  byId("classes").hidden = !classes.length;
  byId("classes").tBodies[0].replaceChildren(...classes.map(([name, share]) => {
    const meter = element("meter", { min: 0, max: 1, value: share, "aria-label": name });
    return element("tr", {}, element("th", { scope: "row" }, breakable(name)), element("td", {}, meter), element("td", { class: "figure" }, percent(share)));
  }));
  byId("explained").hidden = true;
  byId("why").hidden = !model.explains;
  byId("feedback").hidden = !model.feedback;
  byId("thanks").textContent = "";
}

function explanation(found, model) {
  const axes = model.parts.some((part) => part.modality === "sound") ? [" Time runs to the right, pitch upwards."] : [];
  const drawn = found.overlay ? [overlaid(found.overlay)] : found.pieces ? [text(found)] : columns(found);
  return [legend(found, axes), ...drawn, ...alike(found.nearest || [])];
}

function legend(found, axes) {
  const what = found.explained ? "for " + found.explained : "for a higher number";
  const how = found.method === "class_activation" ? "what each " + found.unit + " adds to the answer or takes from it." : "how much the answer changes when a " + found.unit + " is taken away.";
  const key = [element("mark", { class: "for", style: "--share: 1" }, "Orange"), " speaks " + what + ", ", element("mark", { class: "against", style: "--share: 1" }, "blue"), " against it: " + how];
  return element("p", { class: "soft" }, ...key, ...axes);
}

function overlaid(source) {
  const picture = element("img", { alt: "The input with the parts coloured that the answer rests on" });
  picture.src = source;
  return picture;
}

// The share is of the largest, so that the strongest is seen whatever the unit.
function coloured(text, value, most) {
  const made = element("mark", { class: value > 0 ? "for" : "against", title: value.toPrecision(2) }, text);
  made.style.setProperty("--share", Math.abs(value) / most);
  return made;
}

function largest(values) {
  return Math.max(...values.map(Math.abs), 1e-12);
}

function text(found) {
  const values = found.values.flat();
  const pieces = found.pieces.map(([piece, word]) => (word === null ? piece : coloured(piece, values[word], largest(values))));
  return element("p", { class: "text" }, ...pieces);
}

function columns(found) {
  const values = found.values.flat();
  const rows = found.names.map((name, i) => [name, values[i]]).sort((one, other) => Math.abs(other[1]) - Math.abs(one[1]));
  const lines = rows.slice(0, MOST_ROWS).map(([name, value]) => {
    const figure = element("td", { class: "figure" }, Math.abs(value) < 0.0005 ? "0" : value.toFixed(3));
    return element("tr", {}, element("th", { scope: "row" }, coloured(breakable(name), value, largest(values))), figure);
  });
  const table = element("table", {}, element("caption", { class: "hidden" }, "Columns by what they change"), element("tbody", {}, ...lines));
  const left = rows.length - MOST_ROWS;
  return left > 0 ? [table, element("p", { class: "soft" }, left + " more matter less.")] : [table];
}

function alike(nearest) {
  if (!nearest.length) return [];
  const shown = nearest.map((each) => {
    const seen = each.thumbnail ? [element("img", { src: each.thumbnail, alt: "" })] : [];
    if (each.text) seen.push(element("blockquote", {}, each.text));
    const said = each.target === null ? "" : breakable(each.target);
    const likeness = element("span", { class: "soft" }, " likeness " + each.closeness.toFixed(2));
    return element("li", {}, ...seen, element("p", {}, element("strong", {}, said), likeness));
  });
  const note = element("p", { class: "soft" }, "Of those that travel with the model. A likeness of 1 would be the same, 0 is none.");
  return [element("h3", {}, "Training examples most like it"), note, element("ul", { class: "alike" }, ...shown)];
}
