"""How a report is written: for a person, a program, GitHub's annotations, a pull request."""
