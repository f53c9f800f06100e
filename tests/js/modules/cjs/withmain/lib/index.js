exports.name = 'main of package';
