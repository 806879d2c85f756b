/* Tables on a narrow screen. One whose reasons would lie beyond the edge puts each row below the other, every cell
   under its head; any other that scrolls fades where it is cut. Without scripts all of them scroll, with a shadow. */
(function () {
  'use strict';
  var phone = window.matchMedia('(max-width: 36rem)'), LONG = 40, THIRD = 25, PART = 4, waiting = false;

  /* Whether long words are in one row of four or more: figures with a rare note are read better side by side. */
  function worded(table) {
    var rows = Array.from(table.tBodies).reduce(function (all, body) { return all.concat(Array.from(body.rows)); }, []);
    var long = rows.filter(function (row) {
      return Array.from(row.cells).some(function (cell, at) { return at && cell.textContent.length > LONG; });
    });
    return table.tHead && table.tHead.rows.length === 1 && !table.querySelector('[colspan], [rowspan]') && long.length * PART >= rows.length;
  }

  /* Each cell under its head. Rows that are no rows to the browser any more stay rows to a screen reader. */
  function stack(table) {
    var heads = Array.from(table.tHead.rows[0].cells), rows = Array.from(table.rows);
    // What does not fit a third of the width has a line of its own, in every row.
    var wide = heads.map(function (head, at) { return rows.some(function (row) { return row.cells[at] && row.cells[at].textContent.length > THIRD; }); });
    table.setAttribute('role', 'table');
    table.querySelectorAll('thead, tbody').forEach(function (part) { part.setAttribute('role', 'rowgroup'); });
    rows.forEach(function (row) {
      row.setAttribute('role', 'row');
      Array.from(row.cells).forEach(function (cell, at) {
        var isHead = cell.tagName === 'TH';
        cell.setAttribute('role', !isHead ? 'cell' : cell.closest('thead') ? 'columnheader' : 'rowheader');
        if (cell.closest('thead') || !heads[at]) { return; }
        cell.setAttribute('data-head', heads[at].textContent.trim());
        if (at && wide[at]) { cell.classList.add('long'); }
      });
    });
    table.classList.add('stack');
  }

  function boxes() { return Array.from(document.querySelectorAll('main .table-scroll')); }

  function fit() {
    waiting = false;
    if (phone.matches) {
      boxes().filter(function (box) {
        var table = box.querySelector('table');
        return table && !table.classList.contains('stack') && box.scrollWidth > box.clientWidth + 1 && worded(table);
      }).forEach(function (box) { stack(box.querySelector('table')); });
    }
    boxes().map(function (box) {
      var more = box.scrollWidth - box.clientWidth;
      return [box, box.scrollLeft > 1, more - box.scrollLeft > 1];
    }).forEach(function (found) {
      found[0].classList.toggle('more-left', found[1]);
      found[0].classList.toggle('more-right', found[2]);
    });
  }

  function soon() { if (!waiting) { waiting = true; window.requestAnimationFrame(fit); } }

  fit();
  window.addEventListener('resize', soon);
  // Neither bubbles: a table that scrolls, and one that was folded away.
  document.addEventListener('scroll', function (event) { if (event.target !== document) { soon(); } }, true);
  document.addEventListener('toggle', soon, true);
  var compared = document.getElementById('comparison');
  if (compared) { new MutationObserver(soon).observe(compared, { childList: true, subtree: true }); }
})();
