export default function whole() { return 'whole'; }
export let counter = 0;
export function count() { counter++; }
