// Which figures are drawn, one row a grid? A table that sorts, selects and goes out as CSV.
"use strict";

(function () {
  const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });

  // columns: {id, label, title, digits, text(row), value(row)}; the first column is the name.
  wangge.Table = class {
    constructor(id, columns, { sort, onSelect, onHover }) {
      Object.assign(this, { columns, onSelect, onHover, rows: [], selected: null });
      this.sort = sort || { id: columns[0].id, down: false };
      this.head = wangge.el("tr");
      this.body = wangge.el("tbody");
      wangge.fill(id, wangge.el("thead", {}, this.head), this.body);
      this.drawHead();
    }

    setColumns(columns) {
      this.columns = columns;
      if (!columns.some((column) => column.id === this.sort.id)) this.sort = { id: columns[0].id, down: false };
      this.drawHead();
    }

    setRows(rows) {
      this.rows = rows;
      this.drawBody();
    }

    drawHead() {
      this.head.replaceChildren(...this.columns.map((column) => {
        const sorted = column.id === this.sort.id;
        const state = sorted ? (this.sort.down ? "descending" : "ascending") : "none";
        const button = wangge.el("button", {
          type: "button", title: column.title || column.label, "data-sort": column.id,
          onclick: () => this.sortBy(column.id),
        }, column.label, wangge.el("span", { class: "arrow", "aria-hidden": "true" }, sorted ? (this.sort.down ? "▼" : "▲") : ""));
        return wangge.el("th", { scope: "col", "aria-sort": state, class: column.digits === undefined ? "" : "figure" }, button);
      }));
    }

    sortBy(id) {
      const numeric = this.columns.find((column) => column.id === id).digits !== undefined;
      this.sort = { id, down: this.sort.id === id ? !this.sort.down : numeric };
      this.drawHead();
      this.drawBody();
      this.head.querySelector(`[data-sort="${id}"]`).focus();
    }

    sorted() {
      const { id, down } = this.sort;
      const { value } = this.columns.find((column) => column.id === id);
      return [...this.rows].sort((a, b) => {
        const [x, y] = [value(a), value(b)];
        if (x === null || y === null) return (x === null) - (y === null) || collator.compare(a.code, b.code);
        const order = typeof x === "number" ? x - y : collator.compare(x, y);
        return (down ? -order : order) || collator.compare(a.code, b.code);
      });
    }

    drawBody() {
      this.body.replaceChildren(...this.sorted().map((row) => wangge.el("tr", {
        "data-code": row.code, tabindex: "0", "aria-selected": String(row.code === this.selected),
        onclick: () => this.onSelect(row.code, true),
        onmouseenter: () => this.onHover && this.onHover(row.code),
        onmouseleave: () => this.onHover && this.onHover(null),
        onkeydown: (event) => this.step(event, row.code),
      }, ...this.columns.map((column, i) => i === 0
        ? wangge.el("th", { scope: "row" }, column.text(row), row.note ? wangge.el("small", {}, row.note) : null)
        : wangge.el("td", { class: column.digits === undefined ? "" : "figure" }, column.text(row))))));
    }

    step(event, code) {
      const row = event.currentTarget;
      if (event.key === "Enter" || event.key === " ") this.onSelect(code, true);
      else if (event.key === "ArrowDown" && row.nextSibling) row.nextSibling.focus();
      else if (event.key === "ArrowUp" && row.previousSibling) row.previousSibling.focus();
      else return;
      event.preventDefault();
    }

    select(code, scroll) {
      this.selected = code;
      for (const row of this.body.rows) {
        const chosen = row.dataset.code === code;
        row.setAttribute("aria-selected", String(chosen));
        if (chosen && scroll) row.scrollIntoView({ block: "nearest" });
      }
    }

    toCsv(extra) {
      const columns = [...extra, ...this.columns];
      const lines = [columns.map((column) => column.csv || column.label)];
      for (const row of this.sorted()) lines.push(columns.map((column) => column.value(row)));
      // The mark in front makes spreadsheets read UTF-8.
      return "\ufeff" + lines.map((line) => line.map(csvCell).join(",")).join("\r\n") + "\r\n";
    }
  };

  // A spreadsheet runs what begins like a formula; an apostrophe keeps it a text.
  const csvCell = (value) => {
    if (value === null || value === undefined) return "";
    if (typeof value === "number") return String(Math.round(value * 1000) / 1000);
    const text = /^[\s]*[=+\-@\t\r]/.test(value) ? "'" + value : value;
    return /[",\r\n]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
  };

  wangge.download = (name, text) => {
    const url = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
    const link = wangge.el("a", { href: url, download: name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  };
})();
