module.exports = 'own by require';
