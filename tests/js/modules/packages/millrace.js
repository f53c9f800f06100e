import which from 'full/millrace'; export default which;
