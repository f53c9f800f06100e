export const inner = import.meta;
export default 'default';
