return () => undefined;
