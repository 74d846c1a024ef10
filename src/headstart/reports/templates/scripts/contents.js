// The part of the page that is read now is marked in its contents, and what a link leads to is unfolded.

const links = new Map([...document.querySelectorAll('nav a[href^="#"]')].map(link => [link.hash.slice(1), link]));
const parts = [...links.keys()].map(id => document.getElementById(id)).filter(Boolean);
const inView = new Set();

function markCurrent() {
  const current = parts.find(part => inView.has(part));
  for (const [id, link] of links) {
    if (current?.id === id) link.setAttribute('aria-current', 'true');
    else link.removeAttribute('aria-current');
  }
}

const watcher = new IntersectionObserver(
  entries => {
    for (const { target, isIntersecting } of entries) inView[isIntersecting ? 'add' : 'delete'](target);
    markCurrent();
  },
  { rootMargin: '-25% 0px -70% 0px' },
);
for (const part of parts) watcher.observe(part);
