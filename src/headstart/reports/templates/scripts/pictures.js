// Drawings and tables as pictures: what stands in the page is painted again, as vectors with text.

const VECTORS = 'http://www.w3.org/2000/svg';
const MARGIN = 16;
const INLINED = [
  ...['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-linecap', 'stroke-linejoin', 'opacity'],
  ...['fill-opacity', 'vector-effect', 'font-family', 'font-size', 'font-weight', 'text-anchor'],
];

function vector(tag, attributes, ...children) {
  const element = document.createElementNS(VECTORS, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const isClear = colour => colour === 'transparent' || /, 0\)$/.test(colour);

function pictureOf(element) {
  const frame = element.getBoundingClientRect();
  const [width, height] = [Math.ceil(element.scrollWidth || frame.width), Math.ceil(frame.height)];
  const edge = Math.max(MARGIN, ...[...element.querySelectorAll('svg text')].map(text => frame.left - text.getBoundingClientRect().left + 8));
  const ground = getComputedStyle(document.body).backgroundColor;
  const size = { width: width + edge + MARGIN, height: height + 2 * MARGIN };
  const picture = vector('svg', { xmlns: VECTORS, ...size, viewBox: `${-edge} ${-MARGIN} ${size.width} ${size.height}` });
  picture.append(vector('rect', { x: -edge, y: -MARGIN, ...size, fill: ground }));
  paint(element, frame, picture);
  return { text: new XMLSerializer().serializeToString(picture), ...size };
}

function paint(element, frame, picture) {
  const style = getComputedStyle(element);
  if (style.display === 'none' || style.visibility === 'hidden' || element.matches('.hidden, .save')) return;
  if (element.tagName === 'svg') return void picture.append(drawingOf(element, frame));
  paintBox(element.getBoundingClientRect(), style, frame, picture);
  for (const child of element.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) paintText(child, style, frame, picture);
    else if (child.nodeType === Node.ELEMENT_NODE) paint(child, frame, picture);
  }
}

function paintBox(box, style, frame, picture) {
  const [x, y] = [box.left - frame.left, box.top - frame.top];
  if (!isClear(style.backgroundColor)) {
    const at = { x, y, width: box.width, height: box.height, rx: parseFloat(style.borderTopLeftRadius) || 0 };
    picture.append(vector('rect', { ...at, fill: style.backgroundColor }));
  }
  if (parseFloat(style.borderTopWidth) > 0 && style.borderTopStyle !== 'none')
    picture.append(vector('line', { x1: x, x2: x + box.width, y1: y, y2: y, stroke: style.borderTopColor }));
}

// A drawing inside the page: a copy whose colours and letters do not need the page's style sheet.
function drawingOf(drawing, frame) {
  const copy = drawing.cloneNode(true);
  const copies = [copy, ...copy.querySelectorAll('*')];
  [drawing, ...drawing.querySelectorAll('*')].forEach((each, at) => {
    const style = getComputedStyle(each);
    for (const name of INLINED) if (style.getPropertyValue(name)) copies[at].setAttribute(name, style.getPropertyValue(name));
    copies[at].removeAttribute('class');
  });
  const box = drawing.getBoundingClientRect();
  const place = { x: box.left - frame.left, y: box.top - frame.top, width: box.width, height: box.height };
  for (const [name, value] of Object.entries({ ...place, overflow: 'visible' })) copy.setAttribute(name, value);
  return copy;
}

// Lines of a text where the browser broke it.
function linesOf(node) {
  const range = document.createRange();
  const lines = [];
  [...node.data].reduce((from, letter) => {
    range.setStart(node, from);
    range.setEnd(node, from + letter.length);
    const box = range.getBoundingClientRect();
    const last = lines.at(-1);
    if (last && (box.width === 0 || Math.abs(box.top - last.box.top) < 2)) {
      last.text += letter;
      if (box.width) last.right = box.right;
    } else if (box.width) lines.push({ text: letter, box, right: box.right });
    return from + letter.length;
  }, 0);
  return lines;
}

const ruler = document.createElement('canvas').getContext('2d');

function paintText(node, style, frame, picture) {
  if (!node.data.trim()) return;
  const letters = { fill: style.color, 'font-family': style.fontFamily, 'font-size': style.fontSize, 'font-weight': style.fontWeight };
  ruler.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  const { fontBoundingBoxAscent: up, fontBoundingBoxDescent: down } = ruler.measureText('x');
  if (style.writingMode.startsWith('vertical')) {
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    const [x, y] = [(box.left + box.right) / 2 - frame.left, (box.top + box.bottom) / 2 - frame.top];
    const turned = { transform: `rotate(-90 ${x} ${y})`, x, y: y + (up - down) / 2, 'text-anchor': 'middle' };
    return void picture.append(vector('text', { ...letters, ...turned }, node.data.trim()));
  }
  const anchor = { end: 'end', right: 'end', center: 'middle' }[style.textAlign] ?? 'start';
  for (const { text, box, right } of linesOf(node)) {
    const x = { start: box.left, middle: (box.left + right) / 2, end: right }[anchor] - frame.left;
    const y = box.top - frame.top + (box.height * up) / (up + down);
    picture.append(vector('text', { ...letters, x, y, 'text-anchor': anchor }, text.trim()));
  }
}

function saveSvg(element, name) {
  saveFile(new Blob([pictureOf(element).text], { type: 'image/svg+xml' }), fileName(name, 'svg'));
}

async function savePng(element, name) {
  const { text, width, height } = pictureOf(element);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = make('canvas', { width: 2 * width, height: 2 * height });
  canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
  canvas.toBlob(blob => saveFile(blob, fileName(name, 'png')), 'image/png');
}

function nameOf(element) {
  const heading = element.closest('section')?.querySelector('h2, h3')?.textContent ?? document.title;
  const caption = element.querySelector('caption, .figure-name')?.textContent ?? '';
  return plain(caption || heading);
}

for (const element of document.querySelectorAll('main :is(table, figure:has(> svg)):not(#predictions-table)')) {
  const isDrawn = element.matches('figure, .forest, .matrix');
  const name = nameOf(element);
  const isTable = element.tagName === 'TABLE' && element.rows.length > 2;
  const pictures = [['SVG', () => saveSvg(element, name)], ['PNG', () => savePng(element, name)]];
  const ways = [...(isTable ? [['CSV', () => saveCsv(rowsOf(element), name)]] : []), ...(isDrawn ? pictures : [])];
  if (ways.length) offer(element.closest('.scroll') ?? element, name, ways);
}
