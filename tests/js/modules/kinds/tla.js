await 0; export default typeof require;
