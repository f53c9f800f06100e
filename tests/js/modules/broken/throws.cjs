throw new EvalError('common');
