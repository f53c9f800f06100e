export default "found";
