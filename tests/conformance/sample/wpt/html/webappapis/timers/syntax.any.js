no JavaScript
