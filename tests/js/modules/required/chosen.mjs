const chosen = { chosen: true };
export { chosen as 'module.exports' };
export default 1;
