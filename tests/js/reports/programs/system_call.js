require('fs').readFileSync('/nonexistent/file');
