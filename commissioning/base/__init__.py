"""What everything else stands on: errors, paths, files, memory of builds, progress, closed SQL, workers."""
