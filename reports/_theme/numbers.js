/* The index of numbers: a box that hides the rows, and the sections, without the words sought. All are there without it. */
(function () {
  'use strict';
  var finder = document.querySelector('.finder'), input = finder.querySelector('input'), status = finder.querySelector('p');

  function plain(text) {
    return text.toLowerCase().normalize('NFD').replace(/[\u0300-\u036f]/g, '').replace(/[^a-z0-9.%£]+/g, ' ').trim();
  }

  var rows = Array.from(document.querySelectorAll('main tbody tr')).map(function (row) { return [row, ' ' + plain(row.cells[0].textContent + ' ' + row.cells[1].textContent)]; });

  function filter() {
    var words = plain(input.value).split(' ').filter(Boolean), fit = 0;
    rows.forEach(function (pair) {
      pair[0].hidden = !words.every(function (word) { return pair[1].indexOf(' ' + word) >= 0; });
      if (!pair[0].hidden) { fit += 1; }
    });
    document.querySelectorAll('main .table-scroll').forEach(function (box) {
      var none = !box.querySelector('tbody tr:not([hidden])'), head = box.closest('figure') || box;
      box.hidden = none;
      if (head.previousElementSibling && head.previousElementSibling.tagName === 'H2') { head.previousElementSibling.hidden = none; }
    });
    status.textContent = words.length ? fit + (fit === 1 ? ' number fits' : ' numbers fit') : '';
  }

  finder.hidden = false;
  input.addEventListener('input', filter);
})();
