// What the page does beyond links and forms: suggestions while typing, and choosing a span on the timeline.
// Everything works without it. No text of an article is ever put in as HTML: only textContent is set.
"use strict";

const WAIT_MS = 120; // after the last key, before suggestions are asked for: about the time between two keys

const BAR_WIDTH = 10; // of a timeline's bar with its gap, in the units of its box (newsdex/web/charts.py)

function suggestions(form) {
  const input = form.querySelector("#q");
  const list = form.querySelector("#suggestions");
  const said = form.querySelector("#suggestions-said");
  let timer, asked = 0, chosen = -1;
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-autocomplete", "list");

  function close() {
    asked += 1;
    list.hidden = true;
    chosen = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function choose(number) {
    const rows = [...list.children];
    chosen = (number + rows.length + 1) % (rows.length + 1); // one past the end: the box itself
    rows.forEach((row, at) => row.setAttribute("aria-selected", String(at === chosen)));
    if (rows[chosen]) input.setAttribute("aria-activedescendant", rows[chosen].id);
    else input.removeAttribute("aria-activedescendant");
  }

  function piece(kind, text) {
    const span = document.createElement("span");
    span.className = kind;
    span.textContent = text;
    return span;
  }

  function show(rows) {
    list.replaceChildren(...rows.map((row, at) => {
      const item = document.createElement("li");
      item.id = "suggestion-" + at;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      item.dataset.href = row.href;
      item.append(piece("name", row.label), piece("kind", row.kind), piece("count", row.count.toLocaleString("en")));
      return item;
    }));
    chosen = list.children.length; // nothing chosen yet
    list.hidden = !rows.length;
    input.setAttribute("aria-expanded", String(Boolean(rows.length)));
    said.textContent = rows.length ? rows.length + " suggestions, arrow down to choose" : "";
  }

  async function ask() {
    const mine = asked += 1;
    const parameters = new URLSearchParams(new FormData(form));
    parameters.set("q", input.value.slice(0, 200));
    try {
      const answer = await fetch("/suggest?" + parameters, { headers: { accept: "application/json" } });
      const rows = answer.ok ? await answer.json() : [];
      if (mine === asked && document.activeElement === input) show(rows);
    } catch {
      if (mine === asked) close(); // the node is away: typing goes on without suggestions
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    if (input.value.trim().length < 2) close();
    else timer = setTimeout(ask, WAIT_MS);
  });
  input.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen - 1);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && list.children[chosen]) location.assign(list.children[chosen].dataset.href);
    else return;
    event.preventDefault();
  });
  list.addEventListener("pointerdown", (event) => {
    const row = event.target.closest("li");
    event.preventDefault(); // the box keeps the focus
    if (row) location.assign(row.dataset.href);
  });
  input.addEventListener("blur", () => { clearTimeout(timer); close(); });
}

function brush(figure) {
  const svg = figure.querySelector("svg");
  const said = figure.querySelector(".brush-said");
  const bars = [...svg.querySelectorAll("a")];
  let from = null, to = null, dragging = false;
  if (!bars.length) return;
  bars.forEach((bar, at) => bar.setAttribute("tabindex", at ? "-1" : "0"));

  const span = () => [Math.min(from, to), Math.max(from, to)];

  function draw() {
    const [first, last] = from === null ? [1, 0] : span();
    let count = 0;
    bars.forEach((bar, at) => {
      const inside = at >= first && at <= last;
      bar.classList.toggle("brushed", inside);
      if (inside) count += Number(bar.dataset.count);
    });
    if (first >= last) said.textContent = "";
    else said.textContent = `${bars[first].dataset.label} to ${bars[last].dataset.label}: ` +
      `${count.toLocaleString("en")} articles. ${dragging ? "Let go" : "Press Enter"} to show them.`;
  }

  function open() {
    const [first, last] = span();
    const parameters = new URLSearchParams(location.search);
    parameters.set("since", bars[first].dataset.first);
    parameters.set("until", bars[last].dataset.last);
    parameters.delete("page");
    location.assign("/?" + parameters);
  }

  function at(event) {
    const box = svg.getBoundingClientRect();
    const places = svg.viewBox.baseVal.width / BAR_WIDTH;
    const place = Math.floor((event.clientX - box.left) / box.width * places);
    return Math.max(0, Math.min(bars.length - 1, place));
  }

  svg.addEventListener("dragstart", (event) => event.preventDefault());
  svg.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    dragging = true;
    from = to = at(event);
  });
  window.addEventListener("pointermove", (event) => {
    if (!dragging) return;
    to = at(event);
    if (to !== from) event.preventDefault();
    draw();
  });
  window.addEventListener("pointerup", () => {
    if (!dragging) return;
    dragging = false;
    if (from !== to) open(); // otherwise the bar's own link is followed
    else { from = to = null; draw(); }
  });
  window.addEventListener("pointercancel", () => { dragging = false; from = to = null; draw(); });
  svg.addEventListener("click", (event) => { if (from !== null && from !== to) event.preventDefault(); });

  svg.addEventListener("keydown", (event) => {
    const here = bars.indexOf(document.activeElement);
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -here, End: bars.length - 1 - here }[event.key];
    if (here < 0) return;
    if (step !== undefined) {
      const next = Math.max(0, Math.min(bars.length - 1, here + step));
      event.preventDefault();
      if (event.shiftKey) { if (from === null) from = here; to = next; } else from = to = null;
      bars[here].setAttribute("tabindex", "-1");
      bars[next].setAttribute("tabindex", "0");
      bars[next].focus();
      draw();
    } else if (event.key === "Enter" && from !== null && from !== to) {
      event.preventDefault();
      open();
    } else if (event.key === "Escape") { from = to = null; draw(); }
  });
}

document.querySelectorAll("form.search").forEach(suggestions);
document.querySelectorAll(".timeline").forEach(brush);

// Where there is room beside the hits, the filters are open (style.css does it alone where the browser can).
const wide = matchMedia("(min-width: 60rem)");
document.querySelectorAll("details.filters").forEach((filters) => {
  const follow = () => { filters.open = wide.matches || location.hash.startsWith("#facet-"); };
  wide.addEventListener("change", follow);
  follow();
});

document.addEventListener("keydown", (event) => {
  const typing = event.target instanceof Element && event.target.closest("input, textarea, select");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const box = document.querySelector("#q");
    if (box) { event.preventDefault(); box.focus(); box.select(); }
  }
});
