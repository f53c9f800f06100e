export const undeclared = 'by its text';
