let fine = 1;
	let x = fine +* 2; // the caret stands here
