import list from './list.js';
const short = (text) => text.replaceAll(import.meta.dirname, '.');
for (const specifier of list) {
    try {
        const { default: value } = await import(specifier);
        console.log(specifier, typeof value === 'string' ? value : value.name);
    } catch (error) {
        console.log(specifier, error.name, error.code, short(error.message.split('\n')[0]));
    }
}
