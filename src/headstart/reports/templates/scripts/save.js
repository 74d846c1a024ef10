// What a reader can take along: a file made in the page, and the row of buttons below a table or drawing.
'use strict';

const plain = text => text.replace(/[\u00a0\u202f]/g, ' ').replace(/\u2212/g, '-').replace(/\s+/g, ' ').trim();

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function saveFile(blob, name) {
  const link = make('a', { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

// A name of ours for a file: words of the caption or heading, joined by dashes.
function fileName(words, ending) {
  const whole = plain(words).toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-+|-+$/g, '');
  const stem = whole.length > 60 ? whole.slice(0, 61).replace(/-[^-]*$/, '').slice(0, 60) : whole; // whole words
  return `${stem || 'headstart'}.${ending}`;
}

// Comma-separated text as spreadsheets read it; what would be taken for a formula begins with an apostrophe.
function csvOf(rows) {
  const cell = value => {
    const text = /^[=@\t]|^[+-](?![\d.])/.test(value) ? `'${value}` : String(value);
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return rows.map(row => row.map(cell).join(',')).join('\r\n') + '\r\n';
}

const saveCsv = (rows, name) =>
  saveFile(new Blob(['\ufeff', csvOf(rows)], { type: 'text/csv' }), fileName(name, 'csv'));

// Buttons "CSV", "SVG", "PNG" after an element; each is named in full for those who hear it.
function offer(element, name, ways) {
  const row = make('p', { className: 'save' }, 'Save as ');
  for (const [label, save] of ways) {
    const button = make('button', { type: 'button', textContent: label, onclick: save });
    if (label !== 'CSV') button.className = 'picture';
    button.setAttribute('aria-label', `${label}: save ${name}`);
    row.append(button, ' ');
  }
  element.after(row);
}
