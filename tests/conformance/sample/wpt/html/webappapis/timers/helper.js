globalThis.helper = () => 1;
