"""What is handed to explorers of replications."""
