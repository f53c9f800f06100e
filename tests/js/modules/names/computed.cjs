for (let i = 0; i < 2; i++) exports['computed' + i] = i;
