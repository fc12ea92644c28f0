
"use strict";
(() => {
  const find = name => document.getElementById(name);
  const review = JSON.parse(find("review").textContent);
  const access = review.access;

  /* What can't be seen, or would turn the direction of what is around it, is spelt out. */
  const plain = text => text.replace(/[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu, char => `\\u{${char.codePointAt(0).toString(16)}}`);
  const made = (name, attributes, ...content) => {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.append(...content.map(each => typeof each === "string" ? plain(each) : each));
    return node;
  };
  const say = text => { find("said").textContent = text; };

  /* Copy: the clipboard where there is one, a selection where there isn't. */
  const selected = element => {
    const range = document.createRange();
    range.selectNodeContents(element);
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  };
  const copied = async element => {
    try {
      await navigator.clipboard.writeText(element.textContent);
      return true;
    } catch {
      selected(element);
      try { return document.execCommand("copy"); } catch { return false; }
    }
  };
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const done = await copied(find(button.dataset.copy));
      button.textContent = done ? "Copied" : "Selected";
      button.classList.toggle("done", done);
      say(done ? "Copied to the clipboard." : "Selected; copy it with your keyboard.");
      setTimeout(() => { button.textContent = "Copy"; button.classList.remove("done"); }, 2000);
    });
  }

  /* A link to a policy opens it. */
  const opened = () => {
    const target = location.hash.length > 1 && find(decodeURIComponent(location.hash.slice(1)));
    if (target && target.matches("details")) target.open = true;
  };
  addEventListener("hashchange", opened);
  opened();

  /* On paper, what is folded is read as well. */
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")].filter(each => !each.closest(".witness"));
    for (const each of folded) each.open = true;
  });
  addEventListener("afterprint", () => { for (const each of folded) each.open = false; });

  /* The graph: what belongs to a box stands out. */
  for (const graph of document.querySelectorAll(".graph")) {
    const edges = [...graph.querySelectorAll(".edge")].map(edge => [edge, edge.dataset.ends.split(" ")]);
    const lit = box => {
      const on = new Set([box.dataset.box]);
      const policies = new Set(box.dataset.box.startsWith("p") ? on : []);
      for (const [, ends] of edges) if (ends.includes(box.dataset.box)) for (const end of ends) if (end.startsWith("p")) policies.add(end);
      for (const [edge, ends] of edges) {
        const own = ends.some(end => policies.has(end));
        edge.classList.toggle("on", own);
        if (own) for (const end of ends) on.add(end);
      }
      for (const other of graph.querySelectorAll(".box")) other.classList.toggle("on", on.has(other.dataset.box));
      graph.classList.add("lit");
    };
    for (const box of graph.querySelectorAll(".box")) {
      box.addEventListener("mouseenter", () => lit(box));
      box.addEventListener("mouseleave", () => graph.classList.remove("lit"));
      const link = box.closest("a");
      if (link) {
        link.addEventListener("focus", () => lit(box));
        link.addEventListener("blur", () => graph.classList.remove("lit"));
      }
    }
  }

  if (!access) return;

  const tables = [...document.querySelectorAll(".matrix")].map(table => {
    const heads = [...table.tHead.rows[0].cells].slice(1);
    const rows = [...table.querySelectorAll("tr[data-r]")].map(row => ({
      row, numbers: row.dataset.r.split(" ").map(Number), cells: [...row.cells].slice(1),
    }));
    return {table, heads, columns: heads.map(head => +head.dataset.c), rows};
  });

  /* The filter: rows by who, columns by what; every word must be found. */
  const text = value => value.toLowerCase();
  const whoText = access.rows.map(row => text(`${row.id} ${row.label} ${row.kind} ${row.kind === "Client" ? "machine" : "person people"}`));
  const whatText = access.columns.map(column => text(`${column.server}/${column.name} ${column.action} ${column.kind} ${column.groups.join(" ")} ${column.groups.join(" ").replaceAll("_", "-")}`));
  const fits = (haystack, words) => words.every(word => haystack.includes(word));
  const hot = (row, column) =>
    access.rows[row].kind === "Client" && access.columns[column].groups.includes("destructive") &&
    access.cells[access.grid[row][column]].reach !== "never";
  const filter = () => {
    const who = text(find("filter-who").value).split(/\s+/).filter(Boolean);
    const what = text(find("filter-what").value).split(/\s+/).filter(Boolean);
    const only = find("filter-hot").checked;
    const rowShown = access.rows.map((_, row) => fits(whoText[row], who));
    const columnShown = access.columns.map((_, column) => fits(whatText[column], what));
    if (only) {
      const pairs = access.rows.map((_, row) => access.columns.map((_, column) => rowShown[row] && columnShown[column] && hot(row, column)));
      access.rows.forEach((_, row) => { rowShown[row] = pairs[row].includes(true); });
      access.columns.forEach((_, column) => { columnShown[column] = pairs.some(row => row[column]); });
    }
    for (const {table, heads, columns, rows} of tables) {
      columns.forEach((column, at) => { heads[at].hidden = !columnShown[column]; });
      for (const {row, numbers, cells} of rows) {
        row.hidden = !numbers.some(number => rowShown[number]);
        if (!row.hidden) columns.forEach((column, at) => { cells[at].hidden = !columnShown[column]; });
      }
      for (const body of table.tBodies) body.hidden = !rows.some(({row}) => row.parentNode === body && !row.hidden);
      const some = columns.some(column => columnShown[column]) && rows.some(({row}) => !row.hidden);
      table.parentNode.hidden = !some;
    }
    for (const server of document.querySelectorAll(".server")) {
      for (const fold of server.querySelectorAll("details")) {
        fold.hidden = [...fold.querySelectorAll(".matrix-scroll")].every(each => each.hidden);
      }
      server.hidden = [...server.querySelectorAll(".matrix-scroll")].every(each => each.hidden);
    }
    const counts = [rowShown.filter(Boolean).length, columnShown.filter(Boolean).length];
    find("no-cells").hidden = counts[0] > 0 && counts[1] > 0;
    find("filter-status").textContent = `${counts[0]} of ${access.rows.length} rows, ${counts[1]} of ${access.columns.length} columns`;
  };
  find("filters").hidden = false;
  find("filters").addEventListener("submit", event => event.preventDefault());
  find("filters").addEventListener("input", filter);

  /* A cell: which policies decide it, their texts, and what they depend on. */
  const dialog = find("cell");
  const policies = new Map(access.policies.map(policy => [policy.id, policy]));
  const cards = new Map(access.policies.map((policy, number) => [policy.id, find(`p${number}`)]));
  const code = (card, conditions) => {
    const copy = card.querySelector(".code").cloneNode(true);
    for (const mark of copy.querySelectorAll("mark")) mark.classList.toggle("depends", conditions.some(each => plain(each) === mark.dataset.text));
    return copy;
  };
  const applied = (each, says) => {
    const policy = policies.get(each.policy);
    const card = cards.get(each.policy);
    const link = made("a", {href: `#${card.id}`}, made("code", {}, each.policy));
    link.addEventListener("click", () => dialog.close());
    const head = made("p", {}, made("span", {class: `effect ${policy.effect}`}, policy.effect), " ", link, ` ${says}`, made("span", {class: "where"}, card.dataset.place));
    const box = made("div", {class: "applied"}, head);
    if (each.conditions.length) box.append(made("ul", {}, ...each.conditions.map(condition => made("li", {}, made("code", {}, condition)))));
    box.append(code(card, each.conditions));
    return box;
  };
  const sentences = {
    always: "Every request is allowed, whatever else is in it.",
    may: "A request may be allowed: one of these permits must apply, and no forbid.",
    never: "No request is allowed.",
  };
  const show = (row, column) => {
    const who = access.rows[row], what = access.columns[column], cell = access.cells[access.grid[row][column]];
    const parts = [
      made("h2", {id: "cell-title"}, who.label, " · ", made("code", {}, `${what.server}/${what.name}`)),
      made("p", {}, made("span", {class: `cell ${cell.reach[0]}`}, cell.reach), " ", sentences[cell.reach]),
    ];
    if (who.note) parts.push(made("p", {class: "dim"}, `As a ${who.label}: ${who.note}.`));
    if (hot(row, column)) parts.push(made("p", {class: "badge violated"}, "a machine reaches a destructive tool"));
    if (!cell.permits.length) parts.push(made("p", {class: "dim"}, "No permit can apply to such a request."));
    if (cell.forbids.length) parts.push(made("h3", {}, cell.reach === "never" ? "Stopped by" : "May be stopped by"));
    for (const each of cell.forbids) parts.push(applied(each, each.certain ? "applies to every such request" : "may stop it, if"));
    if (cell.permits.length) parts.push(made("h3", {}, cell.reach === "never" ? "What it stops" : "Allowed by"));
    for (const each of cell.permits) parts.push(applied(each, each.certain ? "applies to every such request" : "applies, if"));
    find("cell-content").replaceChildren(...parts);
    dialog.showModal();
    dialog.scrollTop = 0;
  };
  find("cell-close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", event => { if (event.target === dialog) dialog.close(); });

  for (const {table, columns, rows} of tables) {
    let current = null;
    const move = cell => {
      if (!cell) return;
      if (current) current.tabIndex = -1;
      current = cell;
      cell.tabIndex = 0;
    };
    const first = rows[0] && rows[0].cells[0];
    if (first) move(first);
    const place = cell => [rows.findIndex(({row}) => row === cell.parentNode), cell.cellIndex - 1];
    const chosen = cell => {
      const [row, column] = place(cell);
      move(cell);
      show(rows[row].numbers[0], columns[column]);
    };
    const next = (cell, down, right) => {
      let [row, column] = place(cell);
      do { row += down; column += right; } while (rows[row] && rows[row].cells[column] && (rows[row].row.hidden || rows[row].cells[column].hidden));
      const found = rows[row] && rows[row].cells[column];
      if (found) { move(found); found.focus(); }
    };
    const ends = (cell, last) => {
      const cells = rows[place(cell)[0]].cells.filter(each => !each.hidden);
      const found = cells[last ? cells.length - 1 : 0];
      move(found);
      found.focus();
    };
    const keys = {
      ArrowDown: cell => next(cell, 1, 0), ArrowUp: cell => next(cell, -1, 0),
      ArrowRight: cell => next(cell, 0, 1), ArrowLeft: cell => next(cell, 0, -1),
      Home: cell => ends(cell, false), End: cell => ends(cell, true),
      Enter: chosen, " ": chosen,
    };
    table.addEventListener("click", event => {
      const cell = event.target.closest("td");
      if (cell) { move(cell); cell.focus(); chosen(cell); }
    });
    table.addEventListener("keydown", event => {
      const cell = event.target.closest("td");
      if (!cell || !keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      keys[event.key](cell);
    });
    find("filters").addEventListener("input", () => {
      if (!current || current.hidden || current.parentNode.hidden) {
        const row = rows.find(({row}) => !row.hidden);
        if (row) move(row.cells.find(cell => !cell.hidden));
      }
    });
  }
})();
