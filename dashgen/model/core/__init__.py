"""What every object of the model is made of: fields and their validators, problems, where an argument was written."""
