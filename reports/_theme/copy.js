/* A button above each citation copies it. Without scripts the citation is there to select. */
(function () {
  'use strict';
  var names = { bibtex: 'BibTeX', ris: 'RIS', json: 'CSL-JSON' };
  document.querySelectorAll('.cite pre, .cite > p + p').forEach(function (citation) {
    var button = document.createElement('button'), said = document.createElement('span'), row = document.createElement('div');
    button.type = 'button';
    button.textContent = 'Copy ' + (names[citation.className] || 'citation');
    said.setAttribute('role', 'status');
    row.className = 'copy';
    row.append(button, said);
    citation.before(row);
    button.addEventListener('click', function () {
      said.textContent = '';
      navigator.clipboard.writeText(citation.innerText.trim()).then(
        function () { said.textContent = 'Copied'; },
        function () { said.textContent = 'The browser does not allow it: select the text and copy it.'; }
      );
    });
  });
})();
