/* A button above each citation copies it. Without scripts the citation is there to select. The site knows no address of
   its own: where it is on the web, citations get that of the page as it was opened. */
(function () {
  'use strict';
  var names = { bibtex: 'BibTeX', ris: 'RIS', json: 'CSL-JSON' };
  var page = window.location, address = /^https?:$/.test(page.protocol) ? page.origin + page.pathname : '';

  function copies(citation, words) {
    var button = document.createElement('button'), said = document.createElement('span'), row = document.createElement('div');
    button.type = 'button';
    button.textContent = words;
    said.setAttribute('role', 'status');
    row.className = 'copy';
    row.append(button, said);
    button.addEventListener('click', function () {
      said.textContent = '';
      navigator.clipboard.writeText(citation.innerText.trim()).then(
        function () { said.textContent = 'Copied'; },
        function () { said.textContent = 'The browser does not allow it: select the text and copy it.'; }
      );
    });
    return row;
  }

  /* A citation with the page's whole address, each kind in its own field. */
  function addressed(kind, text) {
    if (kind === 'bibtex') { return text.replace(/,?\s*\}\s*$/, ',\n  url = {' + address + '}\n}'); }
    if (kind === 'ris') { return text.replace(/^ER {2}-/m, 'UR  - ' + address + '\nER  -'); }
    if (kind === 'json') {
      var items = JSON.parse(text);
      items[0].URL = address;
      return JSON.stringify(items, null, 1);
    }
    return text.replace(/\bnumbers\/\w+\.html/, address);
  }

  var all = document.querySelectorAll('.cite pre, .cite > p + p');
  all.forEach(function (citation) {
    if (address && citation.tagName === 'PRE') {
      citation.firstChild.textContent = addressed(citation.className, citation.textContent);
    } else if (address && citation.textContent.trim().length > 40) { citation.append(' ' + address); }
    citation.before(copies(citation, 'Copy ' + (names[citation.className] || 'citation')));
  });
  // A number's page has its citation far below: the first button stands under the number.
  var first = document.querySelector('.copy-first');
  if (first && all.length) { first.prepend(copies(all[0], 'Copy citation')); }
})();
