"""`pytest exercises --report`: the student's own page, with pictures of what their code does."""
