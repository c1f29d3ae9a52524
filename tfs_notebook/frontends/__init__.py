"""The doors for programs: gRPC and REST. They translate and do nothing else."""
