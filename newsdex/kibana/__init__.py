"""What Newsdex brings to Kibana: saved objects, and the client that imports them."""
