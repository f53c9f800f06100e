require('./nowhere-at-all');
