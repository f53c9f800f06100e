class ValidationError extends Error {
  constructor(m, field) { super(m); this.name = 'ValidationError'; this.field = field; }
}
class Service { run() { this.#check(); } #check() { throw new ValidationError('bad field', 'age'); } }
new Service().run();
