"""What in a study is possible but doubtful: figures far from the usual, with the usual named."""
